/** `company_name`, `CompanyName`, `companyName` -> `company`, `name`. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

/** `customers` -> `Customers` */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `company_name` -> `companyName` */
export function camelCase(name: string): string {
  const [first = '', ...rest] = wordsOf(name);
  return first + rest.map(capital).join('');
}

/** `order_details` -> `OrderDetails` */
export function pascalCase(name: string): string {
  return wordsOf(name).map(capital).join('');
}

/** `companyName` -> `company_name` */
export function snakeCase(name: string): string {
  return wordsOf(name).join('_');
}

/** `order_details` -> `order-details` */
export function kebabCase(name: string): string {
  return wordsOf(name).join('-');
}

/** As Northwind's API names a column: `supplier_id` -> `SupplierID`. */
export function legacyField(column: string): string {
  return wordsOf(column)
    .map((word) => (word === 'id' ? 'ID' : capital(word)))
    .join('');
}

/** `companyName` -> `company name` */
export function inWords(name: string): string {
  return wordsOf(name).join(' ');
}

/** `supplier` -> `suppliers`, `category` -> `categories`, `box` -> `boxes` */
export function pluralOf(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/** `a supplier`, `an employee` */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
