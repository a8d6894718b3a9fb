/** What is printed instead of running: lists, the graph, or that the input is in order. */
import {EXIT} from '../base/event.ts';
import {graphJson} from '../compile/graph-json.ts';
import {graphMermaid} from '../compile/graph-mermaid.ts';
import {graphText} from '../compile/graph-text.ts';
import {listText} from '../compile/list.ts';
import type {Options} from './options.ts';
import type {Project} from './project.ts';
