/** The one wait between tries. Every caller bounds how often it waits and for how long. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
