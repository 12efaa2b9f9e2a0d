namespace LmmRec.Artifacts.Steps;

/// <summary>Of what kind a reason to run is.</summary>
public enum ReasonKind
{
    /// <summary>There is no artifact.</summary>
    New,

    /// <summary>An option of the configuration or the command line, or the device.</summary>
    Option,

    /// <summary>The code, or the form of its tables.</summary>
    Code,

    /// <summary>An encoder's card or weights.</summary>
    Encoder,

    /// <summary>An artifact that it reads.</summary>
    Input,

    /// <summary>Files of the user's.</summary>
    Files,

    /// <summary>The artifact is not as its manifest says.</summary>
    Damaged,

    /// <summary>The user, or a time that the user set, asks for it.</summary>
    Asked,

    /// <summary>It was interrupted, and is taken up.</summary>
    GoesOn,
}

/// <summary>Why a step runs.</summary>
/// <param name="Kind">of what kind</param>
/// <param name="Text">what changed, for people</param>
public sealed record Reason(ReasonKind Kind, string Text)
{
    /// <summary>The name of the input that changed; null: it is no input.</summary>
    public string? Input { get; init; }
}

/// <summary>A reason where it arose.</summary>
/// <param name="Step">what the user is shown as the name of the step that has it</param>
/// <param name="Reason">the reason</param>
public sealed record Cause(string Step, Reason Reason)
{
    public override string ToString() => $"{Step}: {Reason.Text}";

    /// <summary>Causes of the step <paramref name="title"/> in one line: its own by their words, others with the name of their step, one for all that share a reason.</summary>
    public static string Told(IReadOnlyList<Cause> causes, string title) => string.Join("; ", causes.GroupBy(cause => (IsOwn: cause.Step == title, cause.Reason.Text))
        .Select(alike => alike.Key.IsOwn ? alike.Key.Text : $"{alike.First().Step}{(alike.Count() > 1 ? $" and {alike.Count() - 1} more" : "")}: {alike.Key.Text}"));
}
