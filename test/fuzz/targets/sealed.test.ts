import { fuzzBriefly } from '../fuzz-briefly.ts';
import { sealed } from './sealed.ts';

fuzzBriefly(sealed);
