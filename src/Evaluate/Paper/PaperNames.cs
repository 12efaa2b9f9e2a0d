namespace LmmRec.Evaluate.Paper;

/// <summary>What the paper calls things.</summary>
internal static class PaperNames
{
    /// <summary>Vectors of encoders that were trained apart: a convolutional network's of pictures, a sentence encoder's of texts.</summary>
    public const string Baseline = "CNN+SentenceTransformer";

    public const string Vlmo = "VLMo", Clip = "CLIP";

    public const string Pretrained = "PT", FineTuned = "FT", EndToEnd = "ETE";

    public const string Visual = "V", Textual = "T", Both = "V+T";

    /// <summary>The recommenders in the order of the tables.</summary>
    public static IReadOnlyList<string> Models { get; } = ["VBPR", "MMGCN", "MMGCL", "SLMRec", "LATTICE"];

    /// <summary>The data sets in the order of the tables.</summary>
    public static IReadOnlyList<string> Datasets { get; } = ["Sports", "Clothing", "Baby"];

    /// <summary>What the main rows of a recommender use: the paper describes VBPR as visual only, the others as using both (docs/paper.md#recommenders).</summary>
    public static string ModalityOf(string model) => model == "VBPR" ? Visual : Both;

    /// <summary>The paper's name of a data set, where it is one of Amazon's of 2014, or MMRec's or LATTICE's folder of it; else null, as for a shop's own that has such a name.</summary>
    public static string? DatasetOf(Evaluation evaluation) => ((string?)evaluation.Data.Manifest.Recipe.Options["source"], evaluation.Dataset) switch
    {
        ("amazon-2014", "amazon-2014-Sports_and_Outdoors") or ("mmrec" or "lattice", "sports") => "Sports",
        ("amazon-2014", "amazon-2014-Clothing_Shoes_and_Jewelry") or ("mmrec" or "lattice", "clothing") => "Clothing",
        ("amazon-2014", "amazon-2014-Baby") or ("mmrec" or "lattice", "baby") => "Baby",
        _ => null,
    };
}
