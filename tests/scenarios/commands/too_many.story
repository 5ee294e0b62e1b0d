# An agent sends more than fifty commands in one mail, and the mail comes back.

anna writes "Word does not start." about "Word"
alice replies "#note n0\n#note n1\n#note n2\n#note n3\n#note n4\n#note n5\n#note n6\n#note n7\n#note n8\n#note n9\n#note n10\n#note n11\n#note n12\n#note n13\n#note n14\n#note n15\n#note n16\n#note n17\n#note n18\n#note n19\n#note n20\n#note n21\n#note n22\n#note n23\n#note n24\n#note n25\n#note n26\n#note n27\n#note n28\n#note n29\n#note n30\n#note n31\n#note n32\n#note n33\n#note n34\n#note n35\n#note n36\n#note n37\n#note n38\n#note n39\n#note n40\n#note n41\n#note n42\n#note n43\n#note n44\n#note n45\n#note n46\n#note n47\n#note n48\n#note n49\n#note n50"
  alice receives mistyped
  alice reads "one email can hold 50 commands"
