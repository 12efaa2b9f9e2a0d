namespace LmmRec.Ingest.Matrices;

/// <summary>Vectors of one width in a file or folder of the user's.</summary>
internal interface IVectorRows : IDisposable
{
    /// <summary>The most values that a vector can have.</summary>
    const int MaxColumns = 1 << 20;

    /// <summary>Values of a vector.</summary>
    int Columns { get; }

    /// <summary>The id of each row's item, in order; null: the file has none, and rows are in the order of the items' indices.</summary>
    IEnumerable<string>? Ids { get; }

    /// <summary>How many rows there are.</summary>
    int Rows { get; }

    /// <summary>What is said of the values where they are no float32; null: they are.</summary>
    string? Converted { get; }

    /// <summary>The vector of a row, 0-based, as float32.</summary>
    float[] Read(int row);

    /// <summary>What messages call a row, such as <c>row 3</c>.</summary>
    string PlaceOf(int row);
}
