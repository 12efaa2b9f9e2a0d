using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using LmmRec.Encoders;
using LmmRec.Encoders.Cards;
using LmmRec.Featurize.Controls;
using LmmRec.Graphs;

namespace LmmRec.Featurize;

/// <summary>A features artifact: which encoder fills which slots, and the step that makes it.</summary>
/// <param name="Encoder">name of the encoder</param>
/// <param name="Paradigm">where its weights come from: <c>pt</c>, pre-trained, or <c>ft</c>, fine-tuned</param>
/// <param name="Visual">it fills the visual slot</param>
/// <param name="Textual">it fills the textual slot</param>
/// <param name="Step">makes the artifact; its folder is the artifact's</param>
public sealed record FeaturesArtifact(string Encoder, string Paradigm, bool Visual, bool Textual, Step Step)
{
    /// <summary>Makes one of several parts, which lies beside the artifact until <see cref="Step"/> or <see cref="Merge"/> takes it in; null: there is nothing to encode.</summary>
    public Func<Part, Step>? PartStep { get; init; }

    /// <summary>Makes the artifact of parts and fails where one is missing.</summary>
    public Step Merge { get; init; } = Step;

    /// <summary>What stands in for the features of another encoder, such as <c>shuffled</c>; null: these are an encoder's own.</summary>
    public string? Control { get; init; }

    /// <summary>The encoder that it is a control of.</summary>
    public string? ControlOf { get; init; }
}

/// <summary>Turns items into vectors: one step, and so one artifact, per encoder and paradigm.</summary>
public static class FeaturizeStage
{
    /// <summary>Name of the input that the items come from.</summary>
    internal const string Ingest = "ingest";

    private const int CodeVersion = 6;

    /// <summary>What the stage makes, in the order of the options. Cards are read and checked here, before anything runs.</summary>
    /// <param name="encoders">the encoders</param>
    /// <param name="ingest">folder of the ingest artifact</param>
    /// <param name="tuned">folder of the artifacts of tuned encoders</param>
    /// <param name="features">folder of the features artifacts</param>
    /// <param name="cardRoots">folders that names and relative folders of cards are looked for from, first to last</param>
    /// <exception cref="ConfigurationException">A card is not found or has faults; all are listed.</exception>
    public static IReadOnlyList<FeaturesArtifact> Artifacts(
        IReadOnlyList<EncoderOptions> encoders, string ingest, string tuned, string features, IReadOnlyList<string> cardRoots)
    {
        var faults = new List<string>();
        var artifacts = new List<FeaturesArtifact>();
        foreach (var (i, encoder) in encoders.Index())
        {
            if (encoder.Slot is { } slot) artifacts.AddRange(WithControls(encoder, OfMatrix(encoder, slot, ingest, Path.Combine(features, encoder.Name)), features));
            else if (CardFolder.Find(encoder.Card!, cardRoots) is not { } card)
                faults.Add($"encoders.{i}.card: {CardFolder.Missing(encoder.Card!, cardRoots)}");
            else
            {
                try
                {
                    artifacts.AddRange(encoder.Paradigms.Select(FeaturesOf).Distinct()
                        .SelectMany(paradigm => WithControls(encoder, OfCard(encoder, paradigm, card, ingest, tuned, features), features)));
                }
                catch (ConfigurationException e)
                {
                    faults.AddRange(e.Faults);
                }
            }
        }
        return faults.Count == 0 ? artifacts : throw new ConfigurationException(faults);
    }

    /// <summary>The paradigm whose features another begins with: those of the pre-trained encoder are where training end to end begins.</summary>
    public static Paradigm FeaturesOf(Paradigm paradigm) => paradigm == Paradigm.Ete ? Paradigm.Pt : paradigm;

    private static FeaturesArtifact OfMatrix(EncoderOptions encoder, Slot slot, string ingest, string folder)
    {
        var step = Step(encoder, Paradigm.Pt, ingest, folder, MatrixFeatures.TablesFor(encoder.Name), (context, cancellation) => MatrixFeatures.WriteAsync(encoder.Name, slot, ingest, context, cancellation));
        return new FeaturesArtifact(encoder.Name, ConfigurationBinder.NameOf(Paradigm.Pt), slot == Slot.Visual, slot == Slot.Textual, step);
    }

    // A tuned encoder has the card of the one that it was tuned from, which is there before it is.
    private static FeaturesArtifact OfCard(EncoderOptions encoder, Paradigm paradigm, string parent, string ingest, string tuned, string features)
    {
        var card = EncoderCard.Read(parent);
        var (folder, cardFolder) = (Path.Combine(features, encoder.FolderOf(paradigm)), paradigm == Paradigm.Ft ? Path.Combine(tuned, encoder.FolderOf(paradigm)) : parent);
        if (encoder.Precision is { } wanted && wanted != card.Precision && card.Precision != Precision.Full)
            throw new ConfigurationException([
                $"encoder '{encoder.Name}': precision \"{ConfigurationBinder.NameOf(wanted)}\" is not available, since the card's is {ConfigurationBinder.NameOf(card.Precision)}; "
                + $"change it in {Path.Combine(parent, EncoderCard.FileName)} and import the weights again"]);
        var precision = encoder.Precision == card.Precision ? null : encoder.Precision;
        var step = Step(encoder, paradigm, ingest, folder, CatalogueItem.Tables, Run(null, merges: false), precision);
        step = step with
        {
            Inputs = paradigm == Paradigm.Ft ? new Dictionary<string, string>(step.Inputs) { [$"encoders/{encoder.FolderOf(paradigm)}"] = cardFolder } : step.Inputs,
            Files = paradigm == Paradigm.Ft ? step.Files : Encoder.FilesOf(parent, card).ToDictionary(name => $"{Manifest.CardFiles}{name}", name => Path.Combine(parent, name)),
            RunsGraphs = true,
            Work = size => WorkOf(parent, card, size),
            GoesOn = CardFeatures.GoesOn,
            UnfinishedFor = recipe => FinishedStores.MakerOf(recipe, FinishedStores.Runtime),
            TooManyFailed = facts => ModalityCounts.TooMany(facts, encoder.Name, encoder.MaxFailedShare),
        };
        return new FeaturesArtifact(encoder.Name, ConfigurationBinder.NameOf(paradigm), card.Image is not null, card.Text is not null, step)
        {
            PartStep = part => step with
            {
                Name = $"{step.Name}/{part.Name}",
                Folder = Path.Combine(ArtifactWriter.PartsOf(folder), part.Name),
                Run = Run(part, merges: false),
                MakesPart = true,
            },
            Merge = step with { Run = Run(null, merges: true) },
        };

        Func<StepContext, CancellationToken, Task> Run(Part? part, bool merges) => async (context, cancellation) =>
        {
            using var features = new CardFeatures(cardFolder, ingest, folder, context) { Part = part, Precision = precision, Batch = encoder.Batch, Merges = merges };
            await features.WriteAsync(cancellation);
        };
    }

    private static StepWork? WorkOf(string folder, EncoderCard card, DatasetSize size)
    {
        var towers = new List<TowerWork>();
        foreach (var visual in new[] { true, false }.Where(visual => visual ? card.Image is not null : card.Text is not null))
            if (TowerWork.Of(folder, visual, freeze: null, keepsPrefix: false) is { } tower) towers.Add(tower);
            else return null;
        var work = size.Items * towers.Aggregate(default(GraphWork), (sum, tower) => sum + tower.Forward);
        return new StepWork(
            work.MultiplyAdds, work.Bytes, sizeof(float) * towers.Sum(tower => tower.Parameters) + towers.Max(tower => tower.Forward.Written),
            sizeof(float) * size.Items * towers.Sum(tower => tower.Width), $"{size.Items} items");
    }

    private static IEnumerable<FeaturesArtifact> WithControls(EncoderOptions encoder, FeaturesArtifact artifact, string features)
    {
        yield return artifact;
        if (artifact.Paradigm != ConfigurationBinder.NameOf(Paradigm.Pt)) yield break;
        foreach (var control in encoder.Controls)
        {
            var (name, kind) = (encoder.NameOf(control), ConfigurationBinder.NameOf(control));
            var step = new Step($"featurize/{name}", Path.Combine(features, name), ControlFeatures.CodeVersion, new JsonObject { ["name"] = name, ["control"] = kind },
                new Dictionary<string, string> { [$"features/{encoder.Name}"] = artifact.Step.Folder },
                (context, cancellation) => ControlFeatures.WriteAsync(control, artifact.Step.Folder, context, cancellation));
            yield return new FeaturesArtifact(name, artifact.Paradigm, artifact.Visual, artifact.Textual, step) { Control = kind, ControlOf = encoder.Name };
        }
    }

    private static Step Step(
        EncoderOptions encoder, Paradigm paradigm, string ingest, string folder, IReadOnlyList<string> tables, Func<StepContext, CancellationToken, Task> run, Precision? precision = null)
    {
        // Where a card lies does not matter, its content is among the files; nor do other paradigms of the same encoder.
        var options = new JsonObject { ["name"] = encoder.Name, ["slot"] = encoder.Slot?.ToString().ToLowerInvariant(), ["paradigm"] = ConfigurationBinder.NameOf(paradigm) };
        if (precision is { } bits) options["precision"] = ConfigurationBinder.NameOf(bits); // else it is as the card says, which is a file
        if (encoder.Batch is { } batch) options["batch"] = batch;
        return new Step($"featurize/{encoder.FolderOf(paradigm)}", folder, CodeVersion, options, new Dictionary<string, string> { [Ingest] = ingest }, run)
        {
            Reads = new Dictionary<string, IReadOnlyList<string>> { [Ingest] = tables },
        };
    }
}
