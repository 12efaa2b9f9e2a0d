namespace LmmRec.Artifacts.Steps;

/// <summary>Traces why steps run to where it began: one that runs since an input changed has the causes of the step that makes the input anew.</summary>
public sealed class Causes
{
    private readonly Dictionary<string, IReadOnlyList<Cause>> _ofFolders = [];

    /// <summary>The causes of a step, by those of the steps before it; it counts as one that runs from here on.</summary>
    /// <param name="step">the step</param>
    /// <param name="why">its own reasons</param>
    /// <param name="upstream">the inputs, by name, for which it runs or may run</param>
    /// <returns>Each once, its own first; none where it has no reason and nothing upstream.</returns>
    public IReadOnlyList<Cause> Trace(Step step, IReadOnlyList<Reason> why, IReadOnlyCollection<string> upstream)
    {
        // What is not there yet is made whatever changes before it.
        var traced = why.Any(reason => reason.Kind == ReasonKind.New) ? [] : upstream.ToDictionary(name => name, name => Of(Folder(name)));
        List<Cause> causes =
        [
            .. why.Where(reason => reason.Input is null || traced.GetValueOrDefault(reason.Input, []).Count == 0).Select(reason => new Cause(step.Title, reason))
                .Concat(traced.Values.SelectMany(cause => cause)).Distinct(),
        ];
        if (causes.Count > 0) _ofFolders[step.Folder] = causes;
        return causes;

        string Folder(string name) => step.Inputs.TryGetValue(name, out var folder) ? folder : step.Optional.GetValueOrDefault(name, "");
    }

    /// <summary>Whether the step that makes <paramref name="folder"/> runs or may run.</summary>
    public bool IsMadeAnew(string folder) => _ofFolders.ContainsKey(folder);

    /// <summary>The causes of the step that makes <paramref name="folder"/>; none where it does not run.</summary>
    public IReadOnlyList<Cause> Of(string folder) => _ofFolders.GetValueOrDefault(folder, []);
}
