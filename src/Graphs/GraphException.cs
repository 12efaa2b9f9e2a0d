namespace LmmRec.Graphs;

/// <summary>A graph, a model file or a checkpoint is wrong: the message names the node or the file, what it holds and what is allowed.</summary>
public class GraphException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A number in training became NaN or infinite, such as a loss by a learning rate that is too large: the message says which, and at which step.</summary>
public sealed class NotFiniteException(string message) : GraphException(message);

/// <summary>The device that was asked for is not there, or its memory is full; nothing runs on another one instead.</summary>
public sealed class DeviceUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
