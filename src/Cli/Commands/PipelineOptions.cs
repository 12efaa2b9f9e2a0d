using System.CommandLine;
using System.Text.RegularExpressions;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Store;
using LmmRec.Cli.Terminal;
using LmmRec.Encoders.Cards;
using LmmRec.Featurize;
using LmmRec.Ingest;
using LmmRec.Runs;

namespace LmmRec.Cli.Commands;

/// <summary>
/// What the user gave to a pipeline command beside the configuration, which all of them take. A command declares of these options those that it
/// uses, and no more.
/// </summary>
internal sealed partial record PipelineOptions(string? Data, int Threads, int Jobs, string Device, AskAgain Again, bool DryRun, Part? Shard, bool Merges, string? Card)
{
    /// <summary>Files with lists that other programs made.</summary>
    public IReadOnlyList<string> Rankings { get; init; } = [];

    /// <summary>Whether a run may redo more than <c>run.mostRedone</c> allows.</summary>
    public bool AllowFull { get; init; }

    /// <summary>The time, for all that asks it.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The run that it takes up; null: none.</summary>
    public string? Resumes { get; init; }

    /// <summary>What to do where another process writes to the same folders.</summary>
    public IfLocked IfLocked { get; init; }

    private static readonly Dictionary<string, IfLocked> IfLockedNames = Enum.GetValues<IfLocked>().ToDictionary(ConfigurationBinder.NameOf);

    private static readonly Option<string?> ConfigOption = new("--config", "-c")
    {
        Description = $"The configuration. [default: {EffectiveConfiguration.DefaultFile} here, else the embedded one, which runs on a sample shop]",
        HelpName = "FILE",
    };

    private static readonly Option<string?> WorkspaceOption = new("--workspace", "-w")
    {
        Description = "Where artifacts go. [default: what the configuration says, else artifacts]",
        HelpName = "DIR",
    };

    private static readonly Option<string[]> SetOption = new("--set", "-s")
    {
        Description = "Overrides one key of the configuration, such as --set train.epochs=5; may be repeated.",
        HelpName = "KEY=VALUE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>For commands that read the user's files.</summary>
    public static Option<string?> DataOption { get; } = new("--data", "-d")
    {
        Description = "Where the input's files lie. [default: here]",
        HelpName = "DIR",
    };

    /// <summary>For commands that compute.</summary>
    public static Option<int> ThreadsOption { get; } = new WholeNumberOption("--threads", "Threads to use.", 1, 1024, Environment.ProcessorCount);

    /// <summary>For commands that run steps which do not wait for each other.</summary>
    public static Option<int> JobsOption { get; } = new WholeNumberOption(
        "--jobs", $"Steps to run at once where they do not wait for each other; they share the threads. [default: as many as leave {ThreadsOfJob} threads each; 1 on a card]", 1, 1024, byDefault: null);

    /// <summary>For commands that run graphs, or say what would run.</summary>
    public static Option<string> DeviceOption { get; } = new("--device")
    {
        Description = "Where graphs run: cpu or cuda[:n].",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => DefaultDevice,
    };

    /// <summary>For commands that write to the workspace.</summary>
    public static Option<IfLocked> IfLockedOption { get; } = new("--if-locked")
    {
        Description = "Where another process writes to the same folders: wait for it, skip, which is no error, or fail. [default: fail]",
        HelpName = string.Join('|', IfLockedNames.Keys),
        CustomParser = result => IfLockedNames.GetValueOrDefault(result.Tokens[0].Value),
    };

    /// <summary>For commands that fetch.</summary>
    public static Option<bool> RefreshOption { get; } = new("--refresh")
    {
        Description = "Asks for all pictures and fetched files again though nothing changed here. Unchanged ones are not sent again.",
    };

    /// <inheritdoc cref="RefreshOption"/>
    public static Option<bool> RetryFailedOption { get; } = new("--retry-failed")
    {
        Description = "Asks again for the pictures that failed, and no others.",
    };

    /// <summary>For commands that ingest, or say what would run: keys of the configuration that are given by hand.</summary>
    public static Option<string?> SampleOption { get; } = new("--sample")
    {
        Description = "Makes a small cut of a large shop for a first try, of this many items; the same as --set ingest.sample=N.",
        HelpName = "N",
    };

    /// <inheritdoc cref="SampleOption"/>
    public static Option<bool> DropMissingImagesOption { get; } = new("--drop-missing-images")
    {
        Description = "Leaves items out whose picture cannot be had; the same as --set ingest.dropMissingImages=true.",
    };

    /// <summary>For commands that run steps.</summary>
    public static Option<bool> AllowFullOption { get; } = new("--allow-full")
    {
        Description = "Runs though more of what is finished would be redone than run.mostRedone allows.",
    };

    /// <summary>For the command that encodes.</summary>
    public static Option<string?> ShardOption { get; } = new("--shard")
    {
        Description = "Encodes one of several parts of the items, such as 2/4; each may run in a process of its own.",
        HelpName = "I/N",
    };

    /// <inheritdoc cref="ShardOption"/>
    public static Option<bool> MergeOption { get; } = new("--merge")
    {
        Description = "Merges the parts made by --shard; fails if one is missing. Without it what is missing is encoded.",
    };

    /// <summary>For the command that tunes.</summary>
    public static Argument<string?> CardArgument { get; } = new("card")
    {
        Description = $"An encoder: its name in the configuration, a folder with a card, or the name of one in {CardFolder.Models}/.",
        Arity = ArgumentArity.ExactlyOne,
    };

    /// <summary>For the command that measures.</summary>
    public static Option<string[]> RankingsOption { get; } = new("--rankings")
    {
        Description = "Lists that another program made, measured beside the trained models as a case of the file's name: a TREC run file, or a table of user, item, rank and score; may be repeated.",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>For commands that run steps.</summary>
    public static Option<string?> ResumeOption { get; } = new("--resume")
    {
        Description = $"Takes up a run that failed or was killed, with its configuration, its options and its date: an id of 'lmmrec runs', a tag, or {RunStore.Latest}.",
        HelpName = "RUN",
    };

    private const string DefaultDevice = "cpu";

    private const int ThreadsOfJob = 4; // more make one training little faster

    static PipelineOptions()
    {
        WorkspaceOption.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && File.Exists(result.Tokens[0].Value))
                result.AddError($"--workspace '{result.Tokens[0].Value}': is a file; name a folder, one that is there or a new one");
        });
        DataOption.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value is { Length: > 0 } data && !Directory.Exists(data))
                result.AddError($"--data '{data}': {(File.Exists(data) ? "is a file; name the folder that it lies in" : "there is no such folder")}");
        });
        RetryFailedOption.Validators.Add(result =>
        {
            if (!result.Implicit && result.GetResult(RefreshOption) is { Implicit: false }) result.AddError("--retry-failed: is not used, since --refresh asks for all pictures; leave one of them out");
        });
        IfLockedOption.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: { Length: > 0 } name }] && !IfLockedNames.ContainsKey(name)) result.AddError($"--if-locked {name}: is not known{NearestName.Hint(name, IfLockedNames.Keys)}");
        });
        ShardOption.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !Part.TryParse(result.Tokens[0].Value, out _))
                result.AddError($"--shard {result.Tokens[0].Value}: is no part; allowed: {Part.Example(result.Tokens[0].Value)}; there are at most {Part.Most}");
        });
        MergeOption.Validators.Add(result =>
        {
            if (!result.Implicit && result.GetResult(ShardOption) is { Implicit: false }) result.AddError("--merge: is not used, since --shard makes one part; leave one of them out");
        });
        RankingsOption.Validators.Add(result =>
        {
            foreach (var file in result.Tokens.Select(token => token.Value).Where(file => !File.Exists(file)))
                result.AddError($"--rankings {file}: {(Directory.Exists(file) ? "is a folder; name a file in it" : "there is no such file")}");
        });
        ResumeOption.Validators.Add(result =>
        {
            Option[] ofTheRun =
                [SetOption, DeviceOption, RefreshOption, RetryFailedOption, SampleOption, DropMissingImagesOption, ShardOption, MergeOption, RankingsOption];
            foreach (var option in ofTheRun.Where(option => !result.Implicit && result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name}: is not used, since --resume takes it from the run that it takes up; leave one of them out");
        });
        DeviceOption.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !DeviceNames().IsMatch(result.Tokens[0].Value))
                result.AddError($"--device {result.Tokens[0].Value}: is no device; allowed: cpu, cuda, cuda:0, cuda:1, …");
        });
    }

    [GeneratedRegex("^(cpu|cuda(:[0-9]{1,3})?)$")]
    private static partial Regex DeviceNames();

    /// <summary>A command with a configuration and the options of its own. What of the configuration is not used is said before the command runs.</summary>
    public static Command Command(
        string name, string description, IEnumerable<Symbol> own, Func<EffectiveConfiguration, PipelineOptions, CancellationToken, Task<int>> run) => Command(
            name, description, own,
            parsed => parsed.GetValue(ResumeOption) is { } resumed && Resumption.Of(name, resumed, parsed.GetValue(ConfigOption), parsed.GetValue(WorkspaceOption), From(parsed)) is var (configuration, options)
                ? (configuration, options.GivenHere(parsed)) : (Load(parsed), From(parsed)),
            (told, _, cancellation) => run(told.Configuration, told.Options, cancellation));

    /// <summary>The same with arguments and options that no other command has.</summary>
    public static Command Command(
        string name, string description, IEnumerable<Symbol> own, Func<EffectiveConfiguration, ParseResult, CancellationToken, Task<int>> run) =>
        Command(name, description, own, parsed => (Load(parsed), From(parsed)), (told, parsed, cancellation) => run(told.Configuration, parsed, cancellation));

    private static Command Command(
        string name, string description, IEnumerable<Symbol> own, Func<ParseResult, (EffectiveConfiguration Configuration, PipelineOptions Options)> tell,
        Func<(EffectiveConfiguration Configuration, PipelineOptions Options), ParseResult, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, description) { ConfigOption, WorkspaceOption, SetOption };
        foreach (var symbol in own)
        {
            if (symbol is Argument argument) command.Add(argument);
            else command.Add((Option)symbol);
        }
        command.SetAction(async (parsed, cancellation) =>
        {
            var told = tell(parsed);
            foreach (var warning in told.Configuration.Warnings) await Console.Error.WriteLineAsync(Printable.Of($"warning: {warning}"));
            return await run(told, parsed, cancellation);
        });
        return command;
    }

    private static EffectiveConfiguration Load(ParseResult parsed) => EffectiveConfiguration.Load(
        parsed.GetValue(ConfigOption), parsed.GetValue(WorkspaceOption), [.. parsed.GetValue(SetOption) ?? [], .. Keys(parsed)],
        parsed.CommandResult.Command.Options.Contains(DeviceOption) ? From(parsed).Device : null, From(parsed).Card);

    private static IEnumerable<string> Keys(ParseResult parsed)
    {
        if (parsed.GetValue(SampleOption) is { } items) yield return $"ingest.sample={items}";
        if (parsed.GetValue(DropMissingImagesOption)) yield return "ingest.dropMissingImages=true";
    }

    /// <summary>What the user gave; an option that the command does not declare has its default.</summary>
    public static PipelineOptions From(ParseResult parsed)
    {
        var threads = parsed.GetValue(ThreadsOption) is > 0 and var given ? given : Environment.ProcessorCount;
        var device = parsed.GetValue(DeviceOption) ?? DefaultDevice;
        var several = parsed.CommandResult.Command.Options.Contains(JobsOption) && device == DefaultDevice; // on a card they would share its memory
        return new PipelineOptions(
            parsed.GetValue(DataOption), threads, parsed.GetValue(JobsOption) is > 0 and var jobs ? jobs : several ? Math.Max(1, threads / ThreadsOfJob) : 1, device,
            parsed.GetValue(RefreshOption) ? AskAgain.Everything : parsed.GetValue(RetryFailedOption) ? AskAgain.Failed : AskAgain.Nothing, parsed.CommandResult.Command.Options.OfType<DryRunOption>().Any(parsed.GetValue),
            parsed.GetValue(ShardOption) is { } shard && Part.TryParse(shard, out var part) ? part : null, parsed.GetValue(MergeOption), parsed.GetValue(CardArgument))
        {
            Rankings = parsed.GetValue(RankingsOption) ?? [],
            IfLocked = parsed.GetValue(IfLockedOption),
            AllowFull = parsed.GetValue(AllowFullOption),
        };
    }

    // What is of the machine, and changes no byte, a run that is taken up may be given anew; what is of the run it has from its record.
    private PipelineOptions GivenHere(ParseResult parsed)
    {
        var here = From(parsed);
        return this with
        {
            Data = here.Data ?? Data,
            Threads = IsGiven(ThreadsOption) ? here.Threads : Threads,
            Jobs = IsGiven(JobsOption) ? here.Jobs : Jobs,
        };

        bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };
    }
}
