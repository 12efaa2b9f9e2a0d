namespace LmmRec.Graphs;

/// <summary>A graph, a model file or a checkpoint is wrong: the message names the node or the file, what it holds and what is allowed.</summary>
public sealed class GraphException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The device that was asked for is not there, or its memory is full; nothing runs on another one instead.</summary>
public sealed class DeviceUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
