import type { FileSource } from './file-source.ts';
import { openFolder } from './open-folder.ts';
import { openS3 } from './open-s3.ts';
import { openSftp } from './open-sftp.ts';
import type { FileSourceOptions } from './source-options.ts';

/** The source that the options describe. Nothing is connected before it is used. */
export function openFileSource(options: FileSourceOptions): FileSource {
  switch (options.kind) {
    case 'folder':
      return openFolder(options);
    case 'sftp':
      return openSftp(options);
    case 's3':
      return openS3(options);
  }
}
