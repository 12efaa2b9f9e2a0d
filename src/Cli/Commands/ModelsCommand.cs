using System.CommandLine;
using LmmRec.Artifacts;
using LmmRec.Cli.Terminal;
using LmmRec.Encoders;
using LmmRec.Encoders.Cards;

namespace LmmRec.Cli.Commands;

/// <summary><c>lmmrec models</c>: the encoders there are, and how they get weights.</summary>
internal static class ModelsCommand
{
    // Here, then beside the program.
    private static readonly string[] Roots = ["", AppContext.BaseDirectory];

    /// <summary>The argument that names an encoder.</summary>
    public static readonly Argument<string> Card = new("card") { Description = $"An encoder: a folder with a card, or the name of one in {CardFolder.Models}/ here or beside lmmrec." };

    /// <summary>The option that names where to.</summary>
    public static readonly Option<string?> Target = new("--target") { Description = $"Where to; an encoder named in a configuration is looked for in {CardFolder.Models}/ beside it. [default: {CardFolder.Models}/<card>]", HelpName = "DIR" };

    /// <summary>The command.</summary>
    public static Command Create() => new("models", "The encoders: what there is, and where their weights come from.") { List(), ModelsInspect.Create(), Init(), ModelsImport.Create(), ModelsQuantize.Create(), ModelsEncode.Create() };

    private static Command List()
    {
        var command = new Command("list", "Lists the encoders and whether they have weights.");
        command.SetAction(_ =>
        {
            var encoders = Roots.Select(root => Path.Combine(root, CardFolder.Models)).Where(Directory.Exists).SelectMany(EncoderModels.List).DistinctBy(encoder => encoder.Name);
            Listing.OfTexts(["encoder", "weights", "description"], [.. encoders.Select(encoder => (IReadOnlyList<string>)[encoder.Name, encoder.State, encoder.Description])]);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Init()
    {
        var seed = new WholeNumberOption("--seed", "Seed of the weights.", int.MinValue, int.MaxValue, 7);
        var command = new Command("init", "Writes an encoder with weights drawn from a seed.") { Card, seed, Target };
        command.SetAction(parsed =>
        {
            var (folder, target) = (Folder(parsed.GetValue(Card)!), parsed.GetValue(Target));
            target ??= DefaultTarget(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)));
            EncoderModels.Init(folder, parsed.GetValue(seed), target);
            Console.Out.WriteLine($"encoder: {target}");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Where an encoder goes that is given no other place.</summary>
    public static string DefaultTarget(string name) => Path.Combine(CardFolder.Models, name);

    /// <summary>The folder of the card that <paramref name="card"/> names, by its path or by its name; null: there is none.</summary>
    public static string? FolderOrNone(string card) => CardFolder.Find(card, Roots);

    /// <summary>The folder of the card that <paramref name="card"/> names.</summary>
    /// <exception cref="ConfigurationException">There is none.</exception>
    public static string Folder(string card) => FolderOrNone(card) ?? throw NoCard(card);

    /// <summary>What is said of a name that no card has.</summary>
    public static ConfigurationException NoCard(string card) => new([$"'{card}': {CardFolder.Missing(card, Roots)}"]);
}
