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

    /// <summary>Whether the encoder is trained with the recommender.</summary>
    public bool EndToEnd => Features?.Paradigm == FeatureSource.EndToEnd;

    /// <summary>Name of the case on the features themselves, where this one is trained on what stands in for them; else null.</summary>
    public string? ControlOf => Features?.Control is null ? null : (this with { Features = Features with { Name = Features.NameWithoutControl } }).Name;

    /// <summary>
    /// All cases of the options: recommenders that use content once per feature set and modalities, the others once; all once per seed.
    /// </summary>
    /// <param name="options">recommenders, modalities and seeds</param>
    /// <param name="sources">the encoders whose features there are</param>
    /// <exception cref="ConfigurationException">A recommender needs modalities that no encoder, or not every one, gives.</exception>
    public static IReadOnlyList<TrainCase> All(TrainOptions options, IReadOnlyList<FeatureSource> sources) => Parted(options, sources, _ => false).Kept;

    /// <summary>The same in two parts: the cases that are trained, and those that are left out.</summary>
    /// <param name="options">recommenders, modalities and seeds</param>
    /// <param name="sources">the encoders whose features there are</param>
    /// <param name="excluded">which of the cases are left out</param>
    /// <inheritdoc cref="All" path="/exception"/>
    public static (IReadOnlyList<TrainCase> Kept, IReadOnlyList<TrainCase> LeftOut) Parted(TrainOptions options, IReadOnlyList<FeatureSource> sources, Predicate<TrainCase> excluded)
    {
        var faults = new List<string>();
        var cases = new List<TrainCase>();
        foreach (var recommender in options.Recommenders.Select(name => Recommender.All[name]))
        {
            if (!recommender.UsesContent)
            {
                cases.AddRange(options.Seeds.Select(seed => new TrainCase(recommender, null, null, seed)));
                continue;
            }
            foreach (var modalities in options.Modalities)
            {
                var sets = FeatureSet.For(modalities, sources);
                var own = sets.SelectMany(set => options.Seeds.Select(seed => new TrainCase(recommender, set, modalities, seed))).ToList();
                if (sets.Count == 0)
                    faults.Add($"train.modalities: '{modalities}' needs {Names(modalities)} features for '{recommender.Name}'; the encoders give {Given(sources)}");
                else if (recommender.NeedsBothModalities && modalities != "vt" && !own.TrueForAll(excluded))
                    faults.Add($"train.modalities: '{recommender.Name}' fuses both modalities and cannot be trained on '{modalities}' alone; use vt, leave it out, or leave these cases out by experiment.exclude");
                cases.AddRange(own);
            }
        }
        var used = cases.SelectMany(c => new[] { c.Features?.Visual?.Folder, c.Features?.Textual?.Folder }).ToHashSet();
        if (faults.Count == 0 && cases.Exists(c => c.Features is not null))
            faults.AddRange(sources.Where(s => !used.Contains(s.Folder)).Select(s => $"encoders: '{s.Name}' fills no slot of train.modalities ({string.Join(", ", options.Modalities)}); add \"{Slots(s)}\" to it or leave the encoder out"));
        return faults.Count == 0 ? (cases.FindAll(c => !excluded(c)), cases.FindAll(excluded)) : throw new ConfigurationException([.. faults.Distinct()]);
    }

    private static string Names(string modalities) => modalities switch { "v" => "visual", "t" => "textual", _ => "visual and textual" };

    private static string Given(IReadOnlyList<FeatureSource> sources) => sources.Count == 0
        ? "none, since the list 'encoders' is empty"
        : string.Join(", ", sources.Select(s => $"{Names(Slots(s))} ({s.Name})"));

    private static string Slots(FeatureSource source) => source.Visual && source.Textual ? "vt" : source.Visual ? "v" : "t";
}
