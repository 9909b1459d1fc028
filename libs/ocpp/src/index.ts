export {
  type ActionRow,
  type AnswerContext,
  actionRow,
  callTimeoutOf,
  type LiftContext,
  type LiftedReport,
  type Sender,
  supportedVersions,
} from './catalogue.js';
export { type CheckedCall, type CheckOptions, checkCall } from './check.js';
export { isCommandType, lowerCommand, rawCall } from './commands.js';
export { describeActions, describeMessages, type MessageDescription } from './describe.js';
export { heartbeatAnswer, lift, lowerAnswer } from './lift.js';
export type { LowerContext, Lowered, LoweredCall } from './lowering.js';
export { type CheckedResult, checkResult, outcomeOf } from './results.js';
export {
  type RpcError,
  type RpcErrorCode,
  readErrorCode,
  rpcErrorCodes,
  spellErrorCode,
} from './rpc/error-code.js';
export {
  type BadFrame,
  type CallFrame,
  type ErrorFrame,
  type Frame,
  type FrameFailure,
  frameFailures,
  type ParseOptions,
  parseFrame,
  type ResultFrame,
} from './rpc/parse.js';
export { type CallId, callFrame, errorFrame, resultFrame } from './rpc/write.js';
export { isSecretKey, mask, maskFrame, maskSecrets } from './secrets.js';
export {
  type CentralAnswers16,
  type CentralRequests16,
  PayloadError,
  type StationAnswers16,
  type StationRequests16,
  stationAnswer16,
  stationRequest16,
} from './v16/station.js';
export { type ReportedVariables, reportedVariables } from './variables.js';
