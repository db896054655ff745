import type { ExtractRequest } from '@vigil/batch';
import type { FileSource } from '@vigil/sources';

type TakeAcknowledgement = NonNullable<ExtractRequest['onAcknowledgement']>;

const plain = (text: string): string => text.replaceAll(/[^\w.-]/g, '_');

/**
 * Puts acknowledgements back where the file that asked for them came from, named after it, its interchange and their order in
 * it: an attempt that is repeated writes the same ones again.
 *
 * @param folder  of the source; undefined = its sender wants none
 * @throws (what it returns) VigilError SOURCE_DENIED, SOURCE_AWAY where the source does not take them: the file is then not loaded yet
 */
export function acknowledgementsTo(
  source: Pick<FileSource, 'put'>,
  folder: string | undefined,
): { readonly onAcknowledgement?: TakeAcknowledgement } {
  if (folder === undefined) return {};
  return {
    onAcknowledgement: async ({ source: fileId, type, interchangeControl, ordinal, bytes }) => {
      const stem = `${plain(fileId)}.${plain(interchangeControl)}.${type}`;
      await source.put(`${folder}/${stem}${ordinal === 1 ? '' : `.${ordinal}`}.ack`, bytes);
    },
  };
}
