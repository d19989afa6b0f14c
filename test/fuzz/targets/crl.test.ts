import { fuzzBriefly } from '../fuzz-briefly.ts';
import { crl } from './crl.ts';

fuzzBriefly(crl);
