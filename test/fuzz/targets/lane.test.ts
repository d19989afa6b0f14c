import { fuzzBriefly } from '../fuzz-briefly.ts';
import { lane } from './lane.ts';

fuzzBriefly(lane);
