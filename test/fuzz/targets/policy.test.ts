import { fuzzBriefly } from '../fuzz-briefly.ts';
import { policy } from './policy.ts';

fuzzBriefly(policy);
