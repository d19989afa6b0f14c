import { fuzzBriefly } from '../fuzz-briefly.ts';
import { answer } from './answer.ts';

fuzzBriefly(answer);
