namespace LmmRec.Artifacts;

/// <summary>Input that the user gave cannot be used: the message says what, where (file, row, id), what is allowed and what to do.</summary>
public class InvalidInputException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A newer lmmrec wrote it: it is neither read nor overwritten.</summary>
public sealed class NewerVersionException(string message) : InvalidInputException(message);

/// <summary>The configuration (file, overrides or arguments) is wrong; all its faults are listed at once.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> faults)
    : Exception(string.Join(Environment.NewLine, faults))
{
    /// <summary>One line per fault, each beginning with the dotted key.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}

/// <summary>Another process writes to a folder of the workspace that this one would write to, or took it over.</summary>
public sealed class StageInUseException(string message) : Exception(message);
