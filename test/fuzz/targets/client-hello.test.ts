import { fuzzBriefly } from '../fuzz-briefly.ts';
import { clientHello } from './client-hello.ts';

fuzzBriefly(clientHello);
