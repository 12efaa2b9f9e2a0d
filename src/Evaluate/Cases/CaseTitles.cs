namespace LmmRec.Evaluate.Cases;

/// <summary>What people read in place of a case's folder: <c>VBPR with clip-small</c>, and what else it takes to tell the cases apart.</summary>
internal static class CaseTitles
{
    /// <summary>The same cases with their titles, all of them different.</summary>
    public static IReadOnlyList<MeasuredCase> Titled(IReadOnlyList<MeasuredCase> cases)
    {
        var trained = cases.Select(c => c.Case).Where(c => c.Seed is not null).ToList();
        bool Differ(Func<CaseDescription, object?> part) => trained.Select(part).OfType<object>().Distinct().Count() > 1;
        var (modalities, paradigms, seeds) = (Differ(c => c.Modalities), Differ(c => c.Paradigm), Differ(c => c.Seed));

        string Title(CaseDescription c) => string.Join(", ", new[]
        {
            c.Encoder is null ? c.Title : $"{c.Title} with {c.Encoder}",
            modalities ? c.Modalities switch { "v" => "visual only", "t" => "textual only", "vt" => "visual and textual", _ => null } : null,
            paradigms ? c.Paradigm : null,
            seeds && c.Seed is { } seed ? $"seed {seed}" : null,
        }.OfType<string>());

        var alike = trained.GroupBy(Title).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet();
        return [.. cases.Select(c => c with { Case = c.Case with { Title = Title(c.Case) is var title && alike.Contains(title) ? $"{title} ({c.Case.Name})" : title } })];
    }
}
