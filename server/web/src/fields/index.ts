/** All field types: one line each, in the order in which the menu offers them. */
import { register } from './registry';
import { autoNumber } from './autoNumber';
import { barcode } from './barcode';
import { checkbox } from './checkbox';
import { count } from './count';
import { createdBy } from './createdBy';
import { createdTime } from './createdTime';
import { date } from './date';
import { duration } from './duration';
import { email } from './email';
import { formula } from './formula';
import { link } from './link';
import { longText } from './longText';
import { lookup } from './lookup';
import { modifiedBy } from './modifiedBy';
import { modifiedTime } from './modifiedTime';
import { multiSelect } from './multiSelect';
import { number } from './number';
import { person } from './person';
import { phone } from './phone';
import { rating } from './rating';
import { rollup } from './rollup';
import { singleSelect } from './singleSelect';
import { text } from './text';
import { url } from './url';

for (const kind of [
  text,
  longText,
  number,
  rating,
  duration,
  checkbox,
  date,
  singleSelect,
  multiSelect,
  person,
  link,
  url,
  email,
  phone,
  barcode,
  formula,
  lookup,
  rollup,
  count,
  autoNumber,
  createdTime,
  modifiedTime,
  createdBy,
  modifiedBy,
]) {
  register(kind);
}

export { allKinds, kindOf } from './registry';
