import { fuzzBriefly } from '../fuzz-briefly.ts';
import { plainYaml } from './plain-yaml.ts';

fuzzBriefly(plainYaml);
