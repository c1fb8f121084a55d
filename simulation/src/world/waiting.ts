/** Lets virtual time pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What the work comes to; where that takes longer, what `otherwise` answers or throws. The work goes on. */
export async function within<T, O>(work: Promise<T>, ms: number, otherwise: () => O): Promise<T | O> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), ms);
  });
  try {
    const first = await Promise.race([work, late]);
    return first === LATE ? otherwise() : first;
  } finally {
    clearTimeout(timer);
  }
}

const LATE = Symbol('late');
