import { fuzzBriefly } from '../fuzz-briefly.ts';
import { headerLists } from './header-lists.ts';

fuzzBriefly(headerLists);
