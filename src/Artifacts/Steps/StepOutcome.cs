namespace LmmRec.Artifacts.Steps;

/// <summary>In which way a step ended.</summary>
public enum StepEnd
{
    /// <summary>It made its artifact.</summary>
    Ran,

    /// <summary>Its artifact was there.</summary>
    Skipped,

    /// <summary>What it would make had been made before and replaced, and was put back.</summary>
    TakenBack,

    /// <summary>What it reads is not there, and nothing needs what it makes.</summary>
    LeftOut,

    /// <summary>It made no artifact by a fault of its own.</summary>
    Failed,

    /// <summary>One that it needs failed.</summary>
    NotRun,
}

/// <summary>How a step ended.</summary>
/// <param name="Name">what the user is shown as the step's name</param>
/// <param name="Folder">its artifact's folder</param>
/// <param name="State">in which way</param>
public sealed record StepOutcome(string Name, string Folder, StepEnd State)
{
    /// <summary>Whether it ran, and made an artifact.</summary>
    public bool Ran => State == StepEnd.Ran;

    /// <summary>Why it ran or took its artifact back, one line each; else none.</summary>
    public IReadOnlyList<string> Why { get; init; } = [];

    /// <summary>How long it took; null: it did not run to its end.</summary>
    public double? Seconds { get; init; }

    /// <summary>The step's own words where too many items failed.</summary>
    public string? TooManyFailed { get; init; }

    /// <summary>Why the step was left out; null: it was not.</summary>
    public string? LeftOut { get; init; }

    /// <summary>Why there is no artifact; null: there is one, or the step was left out.</summary>
    public Failure? Failure { get; init; }
}

/// <summary>Why a step made no artifact.</summary>
/// <param name="Cause">the kind of fault, as in <see cref="FailedStep"/></param>
/// <param name="Message">what went wrong, for people</param>
/// <param name="Origin">the step that failed: this one, or one that it needs</param>
public sealed record Failure(string Cause, string Message, string Origin)
{
    /// <summary>The fault; null where the step was not run.</summary>
    public Exception? Exception { get; init; }
}
