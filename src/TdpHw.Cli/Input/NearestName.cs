namespace TdpHw.Cli.Input;

/// <summary>Finds what someone meant who mistyped a name.</summary>
internal static class NearestName
{
    /// <summary>The hint to append to a message: <c>; did you mean 'x'?</c>, or nothing when no name is near.</summary>
    public static string Hint(string word, IEnumerable<string> names)
    {
        // A cut word is the commonest mistake of all.
        string? best = word.Length > 2 ? names.FirstOrDefault(n => n.StartsWith(word, StringComparison.Ordinal)) : null;
        if (best is not null)
        {
            return $"; did you mean '{best}'?";
        }

        int bestDistance = Math.Max(1, word.Length / 3) + 1;
        foreach (string name in names)
        {
            // What is much longer is far away, and may be too long to be compared letter by letter.
            if (Math.Abs(word.Length - name.Length) >= bestDistance)
            {
                continue;
            }

            int distance = Distance(word, name);
            if (distance < bestDistance)
            {
                best = name;
                bestDistance = distance;
            }
        }

        return best is null ? "" : $"; did you mean '{best}'?";
    }

    // Insertions, deletions, replacements and swaps of neighbours, the ways in which fingers slip.
    private static int Distance(string left, string right)
    {
        int[,] cost = new int[left.Length + 1, right.Length + 1];
        for (int i = 0; i <= left.Length; i++)
        {
            for (int j = 0; j <= right.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                int replaced = cost[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[left.Length, right.Length];
    }
}
