const most = 1024;

/** A path that stays where it belongs: relative, no step upwards, nothing that a terminal or another system reads as more than a name. */
export const isSafePath = (path: string): boolean =>
  path !== '' &&
  path.length <= most &&
  // Control characters are what is looked for.
  // oxlint-disable-next-line no-control-regex
  !/[\u0000-\u001f\u007f\\]/.test(path) &&
  path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
