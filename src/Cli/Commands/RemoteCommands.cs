using System.CommandLine;
using System.Globalization;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Store;
using LmmRec.Cli.Terminal;
using LmmRec.Remotes;

namespace LmmRec.Cli.Commands;

/// <summary><c>lmmrec push</c> and <c>pull</c>: hand artifacts to another machine.</summary>
internal static class RemoteCommands
{
    private static readonly Argument<string> Address = new("remote") { Description = $"Where artifacts are handed over: {Remote.Addresses}." };

    private static readonly Option<string?> Stage = new("--stage")
    {
        Description = $"Only the artifacts of this kind, and what they were made from: {string.Join(", ", ArtifactName.Kinds)}. [default: all, and the records of runs]",
        HelpName = "KIND",
    };

    private static readonly Option<string?> Identity = new("--identity")
    {
        Description = "Of SFTP: the file of a private key; LMMREC_SFTP_PASSPHRASE gives its passphrase. [default: those in ~/.ssh; LMMREC_SFTP_PASSWORD gives a password]",
        HelpName = "FILE",
    };

    static RemoteCommands() => Stage.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: { Length: > 0 } kind }] && !ArtifactName.Kinds.Contains(kind)) result.AddError($"--stage {kind}: is no kind of artifact{NearestName.Hint(kind, ArtifactName.Kinds)}");
    });

    public static IEnumerable<Command> All()
    {
        yield return PipelineOptions.Command("push", "Brings the workspace's artifacts and the records of its runs to a remote; only what is not there travels.", [Address, Identity], PushAsync);
        yield return PipelineOptions.Command("pull", "Brings artifacts of a remote to the workspace, each whole or not at all; only what is not here travels.", [Address, Stage, Identity, PipelineOptions.IfLockedOption], PullAsync);
    }

    private static async Task<int> PushAsync(EffectiveConfiguration configuration, ParseResult parsed, CancellationToken cancellation)
    {
        await using var remote = Remote.Open(parsed.GetRequiredValue(Address), parsed.GetValue(Identity));
        var transfer = await Screen.ShowAsync(TimeProvider.System, progress => Push.RunAsync(configuration.Options.Workspace, remote, progress, cancellation));
        await ShowAsync(transfer, "sent", "there");
        return ExitCode.Done;
    }

    private static async Task<int> PullAsync(EffectiveConfiguration configuration, ParseResult parsed, CancellationToken cancellation)
    {
        await using var remote = Remote.Open(parsed.GetRequiredValue(Address), parsed.GetValue(Identity));
        var pull = await Pull.PlanAsync(configuration.Options.Workspace, remote, parsed.GetValue(Stage), cancellation);
        await using var held = await StageLock.TakeAsync(
            configuration.Options.Workspace, pull.Writes, "lmmrec pull", parsed.GetValue(PipelineOptions.IfLockedOption),
            line => Console.Error.WriteLine(Printable.Of(line)), TimeProvider.System, cancellation);
        if (held is null) return ExitCode.Done;
        var transfer = await held.WhileHeldAsync(end => Screen.ShowAsync(TimeProvider.System, progress => pull.RunAsync(progress, held.ThrowIfLost, end)), cancellation);
        await ShowAsync(transfer, "fetched", "here");
        return ExitCode.Done;
    }

    private static Task ShowAsync(Transfer transfer, string travelled, string place) => Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
        $"artifacts: {transfer.Artifacts}, files {travelled}: {transfer.Objects} ({transfer.Bytes} bytes), already {place}: {transfer.ObjectsThere} ({transfer.BytesThere} bytes)"));
}
