namespace LmmRec.Evaluate.Paper;

/// <summary>What the paper calls things.</summary>
internal static class PaperNames
{
    /// <summary>Vectors of encoders that were trained apart: a convolutional network's of pictures, a sentence encoder's of texts.</summary>
    public const string Baseline = "CNN+SentenceTransformer";

    public const string Vlmo = "VLMo", Clip = "CLIP";

    public const string Pretrained = "PT", FineTuned = "FT", EndToEnd = "ETE";

    public const string Visual = "V", Textual = "T", Both = "V+T";

    private static readonly (string Category, string Dataset)[] Categories = [("Sports_and_Outdoors", "Sports"), ("Clothing_Shoes_and_Jewelry", "Clothing"), ("Baby", "Baby")];

    /// <summary>The recommenders in the order of the tables.</summary>
    public static IReadOnlyList<string> Models { get; } = ["VBPR", "MMGCN", "MMGCL", "SLMRec", "LATTICE"];

    /// <summary>The data sets in the order of the tables.</summary>
    public static IReadOnlyList<string> Datasets { get; } = ["Sports", "Clothing", "Baby"];

    /// <summary>What the main rows of a recommender use: the paper describes VBPR as visual only, the others as using both (docs/paper.md#recommenders).</summary>
    public static string ModalityOf(string model) => model == "VBPR" ? Visual : Both;

    /// <summary>
    /// The paper's name of a data set, where it is the whole 5-core of one of Amazon's of 2014, whatever the user calls it, or MMRec's or LATTICE's folder of it;
    /// else null, as for a cut of one, or a shop's own that has such a name.
    /// </summary>
    public static string? DatasetOf(Evaluation evaluation)
    {
        var recipe = evaluation.Data.Manifest.Recipe;
        return (string?)recipe.Options["source"] switch
        {
            "amazon-2014" when (int?)recipe.Options["core"] == 5 && recipe.Options["sample"] is null => Categories.FirstOrDefault(named => recipe.Inputs.Keys.Any(file => IsOf(file, named.Category))).Dataset,
            "mmrec" or "lattice" => Datasets.FirstOrDefault(name => evaluation.Dataset.Equals(name, StringComparison.OrdinalIgnoreCase)),
            _ => null,
        };

        // As in reviews_Baby_5.json.gz and meta_Baby.json.gz; a download's step has its name before a '/'.
        static bool IsOf(string file, string category) => file.Contains($"_{category}_5.", StringComparison.Ordinal) || file.Contains($"_{category}.", StringComparison.Ordinal);
    }

    /// <summary>How a data set is parted where the paper's is not: anything but 8:1:1 per user, at random or as MMRec's folder brings it; else null.</summary>
    public static string? OtherSplitOf(Evaluation evaluation) =>
        (string?)evaluation.Data.Manifest.Recipe.Options["split"] is { } split && (!(split == "given" || split.StartsWith("random", StringComparison.Ordinal)) || split.Contains("cold", StringComparison.Ordinal)) ? split : null;
}
