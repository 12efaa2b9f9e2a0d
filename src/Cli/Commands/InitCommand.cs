using System.CommandLine;
using LmmRec.Artifacts;
using LmmRec.Ingest.Tables.Guessing;

namespace LmmRec.Cli.Commands;

/// <summary><c>lmmrec init</c>: looks at a shop's own files and drafts a configuration for them.</summary>
internal static class InitCommand
{
    public static Command Create()
    {
        var items = new Option<string?>("--items") { Description = "The table of items: CSV, TSV, JSON lines or Parquet, plain, gzip or zstd; '*' and '?' name several.", HelpName = "FILE" };
        var interactions = new Option<string>("--interactions") { Description = "The table of who bought, rated or saw what.", HelpName = "FILE", Required = true };
        var images = new Option<string?>("--images") { Description = "A folder of pictures whose names hold the items' ids.", HelpName = "DIR" };
        var columns = new Option<string[]>("--column")
        {
            Description = "A column that need not be guessed, such as items.id=sku or interactions.user=customer; may be repeated.",
            HelpName = "KEY=NAME",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        var output = NewFile.Output(EffectiveConfiguration.DefaultFile);
        var command = new Command("init", "Looks at the first rows of your own files and writes a commented configuration for them.") { items, interactions, images, columns, output };
        command.SetAction((parsed, cancellation) => RunAsync(
            new ShopRequest(parsed.GetValue(items), parsed.GetRequiredValue(interactions), parsed.GetValue(images), parsed.GetValue(columns) ?? []), parsed.GetValue(output)!, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ShopRequest request, string output, CancellationToken cancellation)
    {
        NewFile.Refuse(output);
        if (request.Images is not null && !Directory.Exists(request.Images)) throw new InvalidInputException($"--images {request.Images}: there is no such folder");

        var draft = await ShopDraft.OfAsync(request, cancellation);
        foreach (var line in draft.Guesses) await Console.Out.WriteLineAsync(line);
        var wrote = NewFile.Write(output, draft.Configuration);
        var next = string.Concat(output == EffectiveConfiguration.DefaultFile ? "" : $" --config {output}", draft.DataFolder is null ? "" : $" --data {draft.DataFolder}");
        await Console.Out.WriteLineAsync($"{wrote}; look it over, then: lmmrec run{next}");
        return ExitCode.Done;
    }
}
