using System.Text.Json.Nodes;
using LmmRec.Artifacts.Store;

namespace LmmRec.Artifacts.Steps;

/// <summary>A piece of work that makes one artifact folder from others. A stage is a list of steps; command line and schedulers run the same ones.</summary>
/// <param name="Name">stage and case, such as <c>ingest</c> or <c>train/bpr-s999</c></param>
/// <param name="Folder">the artifact's folder</param>
/// <param name="CodeVersion">raised by hand when a change of the code changes the output</param>
/// <param name="Options">the options that change the output, for the fingerprint</param>
/// <param name="Inputs">the artifact folders that it reads, by name</param>
/// <param name="Run">does the work</param>
public sealed record Step(
    string Name,
    string Folder,
    int CodeVersion,
    JsonObject Options,
    IReadOnlyDictionary<string, string> Inputs,
    Func<StepContext, CancellationToken, Task> Run)
{
    /// <summary>The data set that it belongs to, where the configuration has several; null: the only one. For the user's eyes alone: recipes do not hold it.</summary>
    public string? Dataset { get; init; }

    /// <summary>The stage that it belongs to, such as <c>evaluate</c>. For those who watch alone: recipes do not hold it.</summary>
    public string Stage { get; init; } = Name.Split('/')[0];

    /// <summary>What the user is shown as its name.</summary>
    public string Title => Dataset is null ? Name : $"{Dataset}/{Name}";

    /// <summary>
    /// Artifact folders that it reads where they are there and can be used, by name, such as the cases of a comparison: it does not wait for them, and asks
    /// <see cref="StepContext.Has"/> which they are.
    /// </summary>
    public IReadOnlyDictionary<string, string> Optional { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The tables that it reads of an input, by the input's name; an input that is not named here it reads whole. What changes in other tables is no reason to run.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Reads { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Whether it tells of the optional inputs that failed, so that what is said of them belongs to its recipe.</summary>
    public bool TellsFailures { get; init; }

    /// <summary>Refuses, as soon as the inputs are there, what would else come to light when other steps have taken hours.</summary>
    public Action Check { get; init; } = () => { };

    /// <summary>Whether it is left out, and said so, where an input is missing or not the right one, such as features that were not copied to this machine: nothing needs its artifact, and none reads the one of before.</summary>
    public bool CanBeLeftOut { get; init; }

    /// <summary>
    /// Files that the user gave, or folders of files, as name and path: their content enters the fingerprint. The names of an encoder's card and weights begin with
    /// <see cref="Manifest.CardFiles"/>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Where an interrupted run is taken up, such as <c>goes on with epoch 12</c>, by what lies in the folder of its unfinished work; null: there is
    /// none, it begins anew.
    /// </summary>
    public Func<string, string?> GoesOn { get; init; } = _ => null;

    /// <summary>What unfinished work belongs to: a run whose recipe gives the same name goes on with it. Default: the recipe.</summary>
    public Func<Recipe, string> UnfinishedFor { get; init; } = recipe => recipe.Unfinished;

    /// <summary>Whether it starts from the artifact that its folder holds, such as yesterday's model (<see cref="Recipe.StartedFrom"/>), judged by that one's manifest.</summary>
    public Func<Manifest, bool> StartsFrom { get; init; } = _ => false;

    /// <summary>Whether it makes a part of what another step makes: where it fails, no state of that one is noted.</summary>
    public bool MakesPart { get; init; }

    /// <summary>Whether its folder is that of all data sets, so that commands which run on different ones take turns at it.</summary>
    public bool TakesTurns { get; init; }

    /// <summary>Why the step runs again though its recipe did not change, such as addresses that are to be asked anew; null: no reason. Judged by the finished artifact's folder.</summary>
    public Func<string, string?> RunsAgain { get; init; } = _ => null;

    /// <summary>What it takes for a data set of some size, counted by its graphs; null: it is not known.</summary>
    public Func<DatasetSize, StepWork?> Work { get; init; } = _ => null;

    /// <summary>Whether the step runs graphs, so that the device is part of what determines its output.</summary>
    public bool RunsGraphs { get; init; }

    /// <summary>
    /// Judges the facts of the finished artifact: what to tell the user where too many items failed (exit code 3), else null. The threshold is no
    /// part of the recipe, so the verdict is asked anew when the step is skipped.
    /// </summary>
    public Func<JsonObject, string?> TooManyFailed { get; init; } = _ => null;
}
