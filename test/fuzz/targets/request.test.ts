import { fuzzBriefly } from '../fuzz-briefly.ts';
import { request } from './request.ts';

fuzzBriefly(request);
