import { fuzzBriefly } from '../fuzz-briefly.ts';
import { certificateHeader } from './certificate-header.ts';

fuzzBriefly(certificateHeader);
