/** Stops groups of processes one after the other, the members of a group at once. The first failure is passed on at the end. */
export async function stopInOrder(groups) {
  let failure = null;
  for (const group of groups) {
    const ends = await Promise.allSettled(group.map((one) => one.stop()));
    failure ??= ends.find(({ status }) => status === 'rejected') ?? null;
  }
  if (failure !== null) throw failure.reason;
}

/** Starts them at once and waits for every one, so that a failure leaves none half started. */
export async function startTogether(processes) {
  const failed = (await Promise.allSettled(processes.map((one) => one.start()))).find(
    ({ status }) => status === 'rejected',
  );
  if (failed) throw failed.reason;
}
