import { fuzzBriefly } from '../fuzz-briefly.ts';
import { returnUrl } from './return-url.ts';

fuzzBriefly(returnUrl);
