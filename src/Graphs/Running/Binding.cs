namespace LmmRec.Graphs;

/// <summary>What an input or output of a graph is bound to, and how often it was: from it follows what crosses between host and device at each run.</summary>
/// <param name="Graph">file name of the graph</param>
/// <param name="Layout">of two sets of tensors that take turns, which one is read; else 0</param>
/// <param name="Name">name of the input or output</param>
/// <param name="IsInput">else an output</param>
/// <param name="Place">the memory that it is bound to</param>
/// <param name="EachRun">bound or made anew at each run, or where it lasts when it is another; else bound once, when the graph is opened</param>
/// <param name="Bytes">its size at the last run; 0 before the first one where it changes from run to run</param>
/// <param name="Times">how often it was bound so far</param>
internal sealed record Binding(string Graph, int Layout, string Name, bool IsInput, Place Place, bool EachRun, long Bytes, long Times);
