const longest = 64;

/** What looks like a date, a long number, an address of the network or a line of text is more than a code or a model name. */
const suspicious = [/\d{5,}/, /\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}/, /\d{3}[-. ]\d{2,4}[-. ]\d{4}/, /@|:\/\//, /[^\u{20}-\u{7e}]/u];

/**
 * Whether a text that a rule keeps may leave: codes, classes and model names may, whatever else a device wrote into
 * such a field may not. The rules of the schema trust a field's meaning; this does not trust its content.
 */
export const isPlainText = (text: string): boolean => text.length <= longest && !suspicious.some((pattern) => pattern.test(text));
