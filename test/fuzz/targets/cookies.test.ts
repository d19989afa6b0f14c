import { fuzzBriefly } from '../fuzz-briefly.ts';
import { cookies } from './cookies.ts';

fuzzBriefly(cookies);
