import { fuzzBriefly } from '../fuzz-briefly.ts';
import { certificate } from './certificate.ts';

fuzzBriefly(certificate);
