/** What is to be paid for so many, in cents, rounded half up as billing rounds. @param discountBasisPoints hundredths of a percent */
export function lineCents(unitCents: number, quantity: number, discountBasisPoints: number): bigint {
  const tenThousandths = BigInt(unitCents) * BigInt(quantity) * BigInt(10_000 - discountBasisPoints);
  const half = tenThousandths < 0n ? -5_000n : 5_000n;
  return (tenThousandths + half) / 10_000n;
}

/** 123456 -> `1234.56`, as `numeric(…, 2)` shows it. */
export function withTwoPlaces(hundredths: bigint | number): string {
  const value = BigInt(hundredths);
  const digits = (value < 0n ? -value : value).toString().padStart(3, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
