// Steps that are played in order, a line for each, and waiting that never hangs.

const LIMIT_MS = 5_000;
const STEP_LIMIT_MS = 15_000;
const begun = performance.now();
const results = [];

/** Plays one step. A failed one is told, and the next goes on; but without the first, the login, none can. */
export async function step(name, play) {
  if (results[0] === false) return;
  try {
    await inTime(play(), STEP_LIMIT_MS, 'the step');
    results.push(true);
    console.log(`ok    ${name}`);
  } catch (error) {
    results.push(false);
    console.log(`FAIL  ${name}\n      ${String(error.message ?? error).replaceAll('\n', '\n      ')}`);
  }
}

/** The last line. Answers whether every step passed. */
export function conclude(versions) {
  const failed = results.filter((passed) => !passed).length;
  const verdict = failed ? `${failed} FAILED` : 'all passed';
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`${versions}: ${results.length} steps, ${verdict} in ${seconds} s`);
  return failed === 0;
}

export async function inTime(promise, ms, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The next event of that name that fits. */
export async function heard(emitter, event, fits = () => true) {
  let listen;
  const next = new Promise((resolve) => {
    listen = (...args) => fits(...args) && resolve(args[0]);
    emitter.on(event, listen);
  });
  return inTime(next, LIMIT_MS, event).finally(() => emitter.off(event, listen));
}

/** Asks again until it holds; for what has no event. */
export async function until(holds, what) {
  const end = performance.now() + LIMIT_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} did not come to be`);
  }
}
