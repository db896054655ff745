export type { DeviceMessage, RecordedStay } from './dataset-message.ts';
export { readMimicNumerics } from './mimic-numerics.ts';
export { readPhysioNet2019, type ReplayFrom } from './physionet-2019.ts';
export { sharedData } from './shared-data.ts';
