using System.CommandLine;
using System.Text.RegularExpressions;

namespace LmmRec.Cli.Commands;

/// <summary>The options that all pipeline commands share, and their values.</summary>
internal sealed partial record PipelineOptions(string? Config, string Data, string? Workspace, IReadOnlyList<string> Overrides, int Threads, string Device)
{
    private static readonly Option<string?> ConfigOption = new("--config", "-c")
    {
        Description = $"The configuration. [default: {PipelineConfiguration.DefaultFile} here, else the embedded one, which runs on a sample shop]",
        HelpName = "FILE",
    };

    private static readonly Option<string> DataOption = new("--data", "-d")
    {
        Description = "Where the input's files lie.",
        HelpName = "DIR",
        DefaultValueFactory = _ => ".",
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

    private static readonly Option<int> ThreadsOption = new("--threads")
    {
        Description = "Threads to use.",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private static readonly Option<string> DeviceOption = new("--device")
    {
        Description = "Where graphs run: cpu or cuda[:n].",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => "cpu",
    };

    static PipelineOptions()
    {
        ThreadsOption.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var n) && n is < 1 or > 1024)
                result.AddError($"--threads {result.Tokens[0].Value}: is out of range; allowed 1 to 1024");
        });
        WorkspaceOption.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (result.Tokens[0].Value.Length == 0 || File.Exists(result.Tokens[0].Value)))
                result.AddError($"--workspace '{result.Tokens[0].Value}': must name a folder, one that is there or a new one");
        });
        DeviceOption.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !DeviceNames().IsMatch(result.Tokens[0].Value))
                result.AddError($"--device {result.Tokens[0].Value}: is no device; allowed: cpu, cuda, cuda:0, cuda:1, …");
        });
    }

    [GeneratedRegex("^(cpu|cuda(:[0-9]{1,3})?)$")]
    private static partial Regex DeviceNames();

    /// <summary>A command with these options.</summary>
    public static Command Command(string name, string description, Func<PipelineOptions, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, description) { ConfigOption, DataOption, WorkspaceOption, SetOption, ThreadsOption, DeviceOption };
        command.SetAction((parsed, cancellation) => run(From(parsed), cancellation));
        return command;
    }

    private static PipelineOptions From(ParseResult parsed) => new(
        parsed.GetValue(ConfigOption), parsed.GetValue(DataOption)!, parsed.GetValue(WorkspaceOption), parsed.GetValue(SetOption) ?? [],
        parsed.GetValue(ThreadsOption), parsed.GetValue(DeviceOption)!);
}
