import { useQuery } from '@tanstack/react-query';
import { Background, Controls, Handle, Position, ReactFlow, type Edge, type Node, type NodeProps } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import ELK from 'elkjs/lib/elk-api.js';
import workerUrl from 'elkjs/lib/elk-worker.min.js?url';
import { useMemo } from 'react';
import type { RunDetail } from '../generated/api-types.ts';
import { graphOf, placesOf, shapeKey, taskSize, toElk, type TaskGraph } from '../tasks/layout-graph.ts';
import { signOf } from '../tasks/state-sign.ts';
import { summaryText, type TaskSummary } from '../tasks/summarise-tasks.ts';
import type { View } from '../view/view.ts';
import { useConsole } from './console-context.tsx';
import { ProblemText } from './problem-text.tsx';
import { StateMark } from './state-mark.tsx';
import { ViewLink } from './use-view.tsx';

type TaskNode = Node<{ readonly summary: TaskSummary; readonly view: View }, 'task'>;

function TaskBox({ data: { summary, view } }: NodeProps<TaskNode>) {
  const isPicked = view.task === summary.task;
  return (
    <div
      title={`${summary.task}: ${summaryText(summary)}`}
      className={`task-node ${signOf(summary.state).tone} ${isPicked ? 'picked' : ''}`}
    >
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <ViewLink className="nodrag nopan" to={{ ...view, task: summary.task }} aria-current={isPicked ? 'true' : undefined}>
        {summary.task}
      </ViewLink>
      <StateMark state={summary.state} text={summaryText(summary)} />
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}

const nodeTypes = { task: TaskBox };

/** The layout is made in a worker of its own, once for each shape of graph. */
const layout = async (graph: TaskGraph) => {
  const elk = new ELK({ workerUrl });
  try {
    return placesOf(await elk.layout(toElk(graph)));
  } finally {
    elk.terminateWorker();
  }
};

/** The tasks of a run as they depend on each other, with their present states. */
export default function RunGraph({ run, view }: { readonly run: RunDetail; readonly view: View }) {
  const { api } = useConsole();
  const { workflow, version } = run;
  const plan = useQuery({
    queryKey: ['plan', workflow, version],
    queryFn: ({ signal }) => api.read('showWorkflow', { params: { workflow }, query: { version }, signal }),
    // A deployed version never changes.
    staleTime: Infinity,
  });
  const graph = useMemo(() => graphOf(plan.data?.tasks ?? [], run.tasks), [plan.data, run.tasks]);
  const places = useQuery({
    queryKey: ['layout', shapeKey(graph)],
    queryFn: () => layout(graph),
    enabled: graph.tasks.length > 0,
    staleTime: Infinity,
  });
  const nodes = graph.tasks.map((summary): TaskNode => ({
    id: summary.task,
    type: 'task',
    position: places.data?.get(summary.task) ?? { x: 0, y: 0 },
    data: { summary, view },
    ...taskSize,
  }));
  const edges = graph.edges.map(({ id, from, to }): Edge => ({ id, source: from, target: to, focusable: false }));
  if (places.data === undefined) {
    return (
      <div className="graph">
        <ProblemText error={plan.error ?? places.error} />
      </div>
    );
  }
  return (
    <div className="graph" role="group" aria-label="Graph of the tasks">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.1 }}
        minZoom={0.1}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        preventScrolling={false}
        zoomOnScroll={false}
      >
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}
