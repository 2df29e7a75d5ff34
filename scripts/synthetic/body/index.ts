export { createFields, type FieldName } from './fields.ts';
export { bodyArms, fitProxy, lowerArms, proxyWeight, type ArmWeights } from './fit.ts';
export { HEAD_HEIGHT, headFrame, joint, probeHead, type HeadFrame, type HeadProbe } from './frame.ts';
export { morph, type BodyShape } from './morph.ts';
