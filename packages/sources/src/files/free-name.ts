/** A name that is not taken: the wanted one, else with `.2`, `.3` … behind it. */
export async function freeName(wanted: string, isTaken: (name: string) => Promise<boolean>): Promise<string> {
  let name = wanted;
  for (let count = 2; await isTaken(name); count++) name = `${wanted}.${count}`;
  return name;
}
