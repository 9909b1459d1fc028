import type { Lift, LowerAnswer } from '../../catalogue.js';
import { idTagInfo } from './id-tag-info.js';
import { ownText } from './read.js';

/** OCPP 1.6, 4.1. The tag goes on as it came: blanks, case and length are for those who look it up. */ // I-09
export const liftAuthorize: Lift = (payload) => ({
  type: 'authorization.requested',
  data: { idToken: ownText(payload['idTag']) },
});

export const answerAuthorize: LowerAnswer<'authorization.requested'> = (answer) => ({
  idTagInfo: idTagInfo(answer.idTokenInfo), // I-02
});
