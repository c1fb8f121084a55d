/** `northwind.order.v1`, without an environment's prefix. */
export function topicOf(entity: { readonly domain: string; readonly name: string }): string {
  return `${entity.domain}.${entity.name}.v1`;
}
