namespace LmmRec.Train;

/// <summary>An encoder as Train sees it: a features artifact and the slots that it fills.</summary>
/// <param name="Name">name of the encoder</param>
/// <param name="Paradigm">how its weights came about: <c>pt</c></param>
/// <param name="Folder">the features artifact</param>
/// <param name="Visual">it fills the visual slot</param>
/// <param name="Textual">it fills the textual slot</param>
public sealed record FeatureSource(string Name, string Paradigm, string Folder, bool Visual, bool Textual);

/// <summary>What the two slots of a recommender that uses content are filled from.</summary>
/// <param name="Name">name of the encoder, or of both joined by +</param>
/// <param name="Paradigm">how its weights came about: <c>pt</c></param>
/// <param name="Visual">artifact of the visual vectors, if there are any</param>
/// <param name="Textual">artifact of the textual vectors, if there are any</param>
public sealed record FeatureSet(string Name, string Paradigm, string? Visual, string? Textual)
{
    /// <summary>
    /// Every encoder that fills both slots is a set of its own; encoders that fill one slot are paired, each visual with each textual one of the
    /// same paradigm; one that finds no partner stands alone.
    /// </summary>
    public static IReadOnlyList<FeatureSet> From(IReadOnlyList<FeatureSource> sources)
    {
        var sets = new List<FeatureSet>();
        foreach (var source in sources)
        {
            var partners = sources.Where(other => other.Paradigm == source.Paradigm && other.Visual != source.Visual && other.Textual != source.Textual).ToList();
            if (source.Visual && source.Textual) sets.Add(new FeatureSet(source.Name, source.Paradigm, source.Folder, source.Folder));
            else if (partners.Count == 0) sets.Add(new FeatureSet(source.Name, source.Paradigm, source.Visual ? source.Folder : null, source.Textual ? source.Folder : null));
            else if (source.Visual)
                sets.AddRange(partners.Select(p => new FeatureSet($"{source.Name}+{p.Name}", source.Paradigm, source.Folder, p.Folder)));
        }
        return sets;
    }

    /// <summary>Whether all modalities of <paramref name="modalities"/> (<c>v</c>, <c>t</c>, <c>vt</c>) are there.</summary>
    public bool Has(string modalities) =>
        (!modalities.Contains('v', StringComparison.Ordinal) || Visual is not null) && (!modalities.Contains('t', StringComparison.Ordinal) || Textual is not null);
}
