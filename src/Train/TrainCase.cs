using LmmRec.Artifacts;
using LmmRec.Train.Recommenders;

namespace LmmRec.Train;

/// <summary>One model to train: a recommender, on the features of an encoder, with a seed.</summary>
/// <param name="Recommender">the recommender</param>
/// <param name="Features">what its slots are filled from; null where it uses no content</param>
/// <param name="Modalities">the slots that it uses: v, t or vt; null where it uses no content</param>
/// <param name="Seed">seed of all its random draws</param>
public sealed record TrainCase(Recommender Recommender, FeatureSet? Features, string? Modalities, int Seed)
{
    /// <summary>Such as <c>bpr-s999</c> or <c>vbpr-clip-small-pt-vt-s999</c>; the name of its folder.</summary>
    public string Name => Features is null ? $"{Recommender.Name}-s{Seed}" : $"{Recommender.Name}-{Features.Name}-{Features.Paradigm}-{Modalities}-s{Seed}";

    /// <summary>
    /// All cases of the options: recommenders that use content once per feature set and modalities, the others once; all once per seed.
    /// </summary>
    /// <exception cref="ConfigurationException">A recommender needs modalities that no encoder, or not every one, gives.</exception>
    public static IReadOnlyList<TrainCase> All(TrainOptions options, IReadOnlyList<FeatureSource> sources)
    {
        var sets = FeatureSet.From(sources);
        var faults = new List<string>();
        var cases = new List<TrainCase>();
        foreach (var recommender in options.Recommenders.Select(name => Recommender.All[name]))
        {
            if (!recommender.UsesContent)
            {
                cases.AddRange(options.Seeds.Select(seed => new TrainCase(recommender, null, null, seed)));
                continue;
            }
            if (sets.Count == 0) faults.Add($"train.recommenders: '{recommender.Name}' needs item features; name an encoder in encoders");
            foreach (var (set, modalities) in sets.SelectMany(set => options.Modalities.Select(modalities => (set, modalities))))
            {
                if (recommender.NeedsBothModalities && modalities != "vt")
                    faults.Add($"train.modalities: '{recommender.Name}' fuses both modalities and cannot be trained on '{modalities}' alone; use vt or leave it out");
                else if (set.Has(modalities)) cases.AddRange(options.Seeds.Select(seed => new TrainCase(recommender, set, modalities, seed)));
                else faults.Add($"train.modalities: '{modalities}' needs {(set.Visual is null ? "visual" : "textual")} features, which encoder '{set.Name}' does not give; "
                    + $"allowed for it: {(set.Visual is null ? "t" : "v")}");
            }
        }
        return faults.Count == 0 ? cases : throw new ConfigurationException([.. faults.Distinct()]);
    }
}
