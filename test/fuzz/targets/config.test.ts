import { fuzzBriefly } from '../fuzz-briefly.ts';
import { config } from './config.ts';

fuzzBriefly(config);
